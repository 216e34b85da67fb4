"""Discord's Markdown as HTML that can do nothing, whatever text it was made of."""

"""The figures in docs/performance.md, and how to get them again."""

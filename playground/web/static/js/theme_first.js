// Runs before anything is drawn, so that a theme chosen earlier does not flash up as the other one.
"use strict";
{
  const chosen = localStorage.getItem("theme");
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen || (isDark ? "dark" : "light");
}

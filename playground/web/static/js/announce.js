/** Says something to screen readers alone. */
export function announce(sentence) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  // Some readers say nothing if the text changes within the same moment.
  setTimeout(() => (announcer.textContent = sentence), 30);
}

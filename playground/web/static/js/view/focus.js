/**
 * Replaces the children of `container`. Who had the focus among them gets it back by its `data-key`; if that is gone,
 * as a stop button is once the answer has ended, `fallback` gets it.
 */
export function replaceKeepingFocus(container, children, fallback) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.key;
  container.replaceChildren(...children);
  if (!focused) return;
  const same =
    key && [...container.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && !one.disabled);
  (same || fallback)?.focus({ preventScroll: true });
}

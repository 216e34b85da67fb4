const NEAR = 40;

/**
 * Keeps the newest in sight while whoever reads is at the end, and leaves them alone if they scrolled up.
 * Emits "change" when that changes.
 */
export class Follow extends EventTarget {
  #scroller;
  isFollowing = true;

  constructor(scroller, content) {
    super();
    this.#scroller = scroller;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const sizes = new ResizeObserver(() => this.isFollowing && this.toEnd());
    sizes.observe(scroller);
    sizes.observe(content);
  }

  #last = 0;

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR;
    const wentUp = scrollTop < this.#last - 1;
    this.#last = scrollTop;
    // Content that grew leaves the end behind without anybody having scrolled up.
    if (isNear) this.#set(true);
    else if (wentUp) this.#set(false);
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#last = this.#scroller.scrollTop;
    this.#set(true);
  }

  leave() {
    this.#set(false);
  }

  #set(is) {
    if (is === this.isFollowing) return;
    this.isFollowing = is;
    this.dispatchEvent(new Event("change"));
  }
}

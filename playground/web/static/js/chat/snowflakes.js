const EPOCH_MS = 1420070400000;

/** Orders ids, which are too long for numbers, as Discord does: by age. */
export const compareIds = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** Gives an id for something that only this page knows, such that it comes after all that is older. */
export const localId = () => String((BigInt(Date.now()) - BigInt(EPOCH_MS)) << 22n);

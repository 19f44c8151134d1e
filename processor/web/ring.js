// The last values of one row, in a piece of memory that never grows.
// @ts-check

/** Points of a small line. */
const POINTS = 60;
/** Small numbers keep their digits: times are held from here on. */
const BEGUN = Math.floor(Date.now() / 1000);

export class Ring {
  constructor() {
    this.held = new Float32Array(POINTS * 2);
    this.count = 0;
    this.newest = -Infinity;
  }

  /** @param {number} time @param {number} value */
  push(time, value) {
    if (time <= this.newest) return;
    this.newest = time;
    const at = (this.count % POINTS) * 2;
    this.held[at] = time - BEGUN;
    this.held[at + 1] = value;
    this.count += 1;
  }

  /** @returns {[number, number][]} oldest first; times are from some beginning on */
  get points() {
    const length = Math.min(this.count, POINTS);
    return Array.from({ length }, (_, index) => {
      const at = ((this.count - length + index) % POINTS) * 2;
      return [this.held[at], this.held[at + 1]];
    });
  }
}

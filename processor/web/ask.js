// Asking the server, and telling it to do something.
// @ts-check

/** What the server refused, in its own words. */
export class Refused extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(body?.error ?? `the server answered ${status}`);
    this.status = status;
    /** @type {any} the whole answer: a query's mistakes have places in it */
    this.body = body;
  }
}

/** @param {Response} answer @returns {Promise<any>} */
async function read(answer) {
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

/** The JSON at a path. @param {string} path @param {Record<string, string | number>} [parameters] @param {AbortSignal} [signal] @returns {Promise<any>} */
export async function get(path, parameters = {}, signal) {
  const search = new URLSearchParams(Object.entries(parameters).map(([key, value]) => [key, String(value)]));
  return read(await fetch(search.size ? `${path}?${search}` : path, { signal }));
}

/**
 * Answers may overtake one another. Gives a function to be called with each question; what that gives says, once, when the answer is there,
 * whether it is newer than all that were taken.
 */
export function inTurn() {
  let [asked, taken] = [0, 0];
  return () => {
    const turn = (asked += 1);
    return () => {
      const isNews = turn > taken;
      if (isNews) taken = turn;
      return isNews;
    };
  };
}

/** Asks for a change. @param {'POST' | 'DELETE'} method @param {string} path @param {any} [body] @returns {Promise<any>} */
export async function send(method, path, body) {
  const given = body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  return read(await fetch(path, { method, ...given }));
}

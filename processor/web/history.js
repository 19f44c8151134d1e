// Stored values of the past, from the server's store.
// @ts-check

/**
 * @param {Record<string, string>} choice measurement, field, and attributes that the series must have
 * @param {number} seconds how far back
 * @param {number} step seconds between points
 * @returns {Promise<{tags: Record<string, string>, points: [number, number][]}[]>} times in seconds
 */
export async function series(choice, seconds, step) {
  const to = Math.floor(Date.now() / 1000);
  const parameters = new URLSearchParams({ ...choice, from: String(to - seconds), to: String(to), step: `${step}s` });
  const answer = await fetch(`/api/v1/series?${parameters}`);
  if (!answer.ok) throw new Error(`the server answered ${answer.status} to /api/v1/series`);
  return answer.json();
}

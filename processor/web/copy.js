// Giving a text to the clipboard.
// @ts-check

/** Browsers keep the clipboard from pages of plain HTTP; there the old way is left. @param {string} text @returns {Promise<boolean>} whether it went */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement('textarea');
    box.value = text;
    // A modal dialog lets nothing outside of it have the focus.
    (document.querySelector('dialog[open]') ?? document.body).append(box);
    box.select();
    const went = document.execCommand('copy');
    box.remove();
    return went;
  }
}

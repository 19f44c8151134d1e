// Pictures of pages for the documentation: no longer than one cares to look at, and in the 256 colours that they have most of, which takes a third of the bytes.
import fs from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';

/** Of a page that is longer its beginning is drawn. */
const LONGEST = 2000;

/** Draws a page as it is now into a file. */
export async function draw(page, file) {
  const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: document.documentElement.scrollHeight }));
  const png = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, LONGEST) } });
  fs.writeFileSync(file, withPalette(png));
}

/** The same PNG of RGB with a palette. */
function withPalette(png) {
  const { width, height, pixels } = read(png);
  const colours = [];
  for (let at = 0; at < pixels.length; at += 3) colours.push(pixels.readUIntBE(at, 3));
  const counts = new Map();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts].sort(([, a], [, b]) => b - a).slice(0, 256).map(([colour]) => colour);
  const places = new Map([...counts.keys()].map(colour => [colour, nearest(palette, colour)]));
  // Each line begins with its filter: none.
  const lines = Buffer.alloc(height * (width + 1));
  colours.forEach((colour, at) => (lines[at + Math.floor(at / width) + 1] = places.get(colour)));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap(colour => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', head), chunk('PLTE', table), chunk('IDAT', deflateSync(lines, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

/** The place in the palette of the colour that is most like this one. */
function nearest(palette, colour) {
  const apart = other => [16, 8, 0].reduce((sum, shift) => sum + (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
  return palette.reduce((best, other, place) => (apart(other) < apart(palette[best]) ? place : best), 0);
}

function chunk(kind, data) {
  const [length, sum, named] = [Buffer.alloc(4), Buffer.alloc(4), Buffer.concat([Buffer.from(kind), data])];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** The checksum of a chunk; older Nodes have none of their own. */
function crc32(data) {
  let sum = ~0;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** The pixels of a PNG of 8 bits RGB, as Chromium draws it. */
function read(png) {
  const [width, height, depth, colour] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  if (depth !== 8 || colour !== 2) throw new Error(`a PNG of ${depth} bits and colour type ${colour}, not of 8 bits RGB`);
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [lines, pixels, length] = [inflateSync(Buffer.concat(parts)), Buffer.alloc(width * height * 3), width * 3];
  for (let y = 0; y < height; y += 1) {
    const filter = lines[y * (length + 1)];
    for (let x = 0; x < length; x += 1) {
      const at = y * length + x;
      const [left, above, corner] = [x >= 3 ? pixels[at - 3] : 0, y ? pixels[at - length] : 0, x >= 3 && y ? pixels[at - length - 3] : 0];
      pixels[at] = lines[at + y + 1] + [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
    }
  }
  return { width, height, pixels };
}

/** PNG's fourth filter. */
function paeth(left, above, corner) {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

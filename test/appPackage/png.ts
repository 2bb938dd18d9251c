import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import type { Image } from './drawIcons.ts';

/** Reads a PNG of eight bits a channel with alpha, whose rows are not filtered: what drawIcons.ts writes. */
export function readPng(bytes: Buffer): Image {
  assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  const content: Record<string, Buffer> = {};
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    content[bytes.toString('latin1', at + 4, at + 8)] = bytes.subarray(at + 8, at + 8 + length);
    at += length + 12;
  }
  const { IHDR, IDAT, IEND } = content;
  assert.ok(IHDR && IDAT && IEND);
  const [width, height] = [IHDR.readUInt32BE(0), IHDR.readUInt32BE(4)];
  assert.deepEqual([...IHDR.subarray(8)], [8, 6, 0, 0, 0]);
  assert.equal(width, height);
  const rows = inflateSync(IDAT);
  const pixels = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    const start = row * (width * 4 + 1);
    assert.equal(rows[start], 0);
    pixels.set(rows.subarray(start + 1, start + 1 + width * 4), row * width * 4);
  }
  return { size: width, pixels };
}

import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

/*
 * Draws the icons of the Teams app: a telephone's handset that rings. `node test/appPackage/drawIcons.ts` writes them;
 * a test compares. Teams wants a colour icon of 192 × 192 whose mark stands in the middle, and an outline of 32 × 32
 * in white on transparent ground.
 */

export interface Image {
  size: number;
  /** Red, green, blue, alpha for each pixel, row by row. */
  pixels: Uint8Array;
}

interface Point {
  x: number;
  y: number;
}

/** Distance to the shape; negative within. Lengths are parts of the mark's half width. */
type Shape = (point: Point) => number;

const degree = Math.PI / 180;

const rotated =
  (angle: number, shape: Shape): Shape =>
  ({ x, y }) => {
    const [cos, sin] = [Math.cos(angle * degree), Math.sin(angle * degree)];
    return shape({ x: x * cos + y * sin, y: y * cos - x * sin });
  };

const moved =
  (dx: number, dy: number, shape: Shape): Shape =>
  ({ x, y }) =>
    shape({ x: x - dx, y: y - dy });

const together =
  (...shapes: Shape[]): Shape =>
  (point) =>
    Math.min(...shapes.map((shape) => shape(point)));

const box =
  (halfWidth: number, halfHeight: number, corner: number): Shape =>
  ({ x, y }) => {
    const [dx, dy] = [Math.abs(x) - halfWidth + corner, Math.abs(y) - halfHeight + corner];
    return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
  };

/** An arc about the origin, open downwards, with round ends. `spread` is half its angle. */
const arc =
  (radius: number, halfWidth: number, spread: number): Shape =>
  ({ x, y }) => {
    const end = { x: Math.sin(spread * degree), y: -Math.cos(spread * degree) };
    const side = Math.abs(x);
    const within = Math.atan2(side, -y) <= spread * degree;
    const distance = within
      ? Math.abs(Math.hypot(x, y) - radius)
      : Math.hypot(side - end.x * radius, y - end.y * radius);
    return distance - halfWidth;
  };

/** Ear and mouth piece, joined by a handle that bends over them. */
function handset(): Shape {
  const piece = (side: number) => moved(side * 0.6, 0.12, rotated(side * 12, box(0.25, 0.24, 0.11)));
  return together(moved(0, 0.5, arc(0.78, 0.17, 50)), piece(-1), piece(1));
}

function mark(stroke: number): Shape {
  const phone = moved(-0.16, 0.16, rotated(-135, moved(0, -0.08, handset())));
  const waves = rotated(45, together(arc(0.46, stroke, 36), arc(0.8, stroke, 36)));
  return together(phone, waves);
}

/** @param extent the mark's half width in pixels */
function draw(
  size: number,
  extent: number,
  shape: Shape,
  ground: readonly number[],
  ink: readonly number[],
): Image {
  const pixels = new Uint8Array(size * size * 4);
  const samples = 4;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      let covered = 0;
      for (let sample = 0; sample < samples * samples; sample += 1) {
        const x = column + ((sample % samples) + 0.5) / samples - size / 2;
        const y = row + (Math.floor(sample / samples) + 0.5) / samples - size / 2;
        if (shape({ x: x / extent, y: y / extent }) <= 0) covered += 1;
      }
      const share = covered / (samples * samples);
      for (let channel = 0; channel < 4; channel += 1) {
        const [under = 0, over = 0] = [ground[channel], ink[channel]];
        pixels[(row * size + column) * 4 + channel] = Math.round(under + (over - under) * share);
      }
    }
  }
  return { size, pixels };
}

export const accent = '#C4314B';
const red = [0xc4, 0x31, 0x4b, 255];
const white = [255, 255, 255, 255];
const clearWhite = [255, 255, 255, 0];

export const icons: Readonly<Record<string, Image>> = {
  'color.png': draw(192, 66, mark(0.075), red, white),
  'outline.png': draw(32, 14.5, mark(0.085), clearWhite, white),
};

/** PNG, eight bits a channel, with alpha. */
function png({ size, pixels }: Image): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1) {
    rows.set(pixels.subarray(row * size * 4, (row + 1) * size * 4), row * (size * 4 + 1) + 1);
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
}

export function iconPath(name: string): string {
  return fileURLToPath(new URL(`../../appPackage/${name}`, import.meta.url));
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, image] of Object.entries(icons)) writeFileSync(iconPath(name), png(image));
}

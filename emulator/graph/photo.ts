import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

type Colour = readonly [red: number, green: number, blue: number];

/** A head-and-shoulders picture in the person's own colours: PNG, eight bits per channel. */
export function photoOf(personId: string, size: number): Buffer {
  const [hue = 0, tone = 0, shirt = 0] = createHash('sha256').update(personId).digest();
  const background = mix([0xd9, 0xe2, 0xf3], [0xf3, 0xdd, 0xd9], hue / 255);
  const skin = mix([0xf1, 0xc9, 0xa5], [0x8d, 0x55, 0x24], tone / 255);
  const clothes = mix([0x33, 0x3b, 0x8e], [0x2d, 0x6a, 0x5b], shirt / 255);
  const rows = Array.from({ length: size }, (_, y) => {
    const row = Buffer.alloc(1 + size * 3);
    for (let x = 0; x < size; x++) row.set(colourAt((x + 0.5) / size, (y + 0.5) / size), 1 + x * 3);
    return row;
  });
  const pixels = Buffer.concat(rows);

  /** Coordinates from 0 to 1, from the upper left. */
  function colourAt(x: number, y: number): Colour {
    if (Math.hypot((x - 0.5) / 0.19, (y - 0.4) / 0.23) <= 1) return skin;
    return Math.hypot((x - 0.5) / 0.36, (y - 1) / 0.36) <= 1 ? clothes : background;
  }

  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const between = (a: number, b: number): number => Math.round(a + (b - a) * share);
  return [between(from[0], to[0]), between(from[1], to[1]), between(from[2], to[2])];
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

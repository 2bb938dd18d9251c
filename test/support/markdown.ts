/** A code block, with its language and text. */
export const FENCE = /^ *```(\w*)\n([\s\S]*?)^ *```/gm;

export function withoutCode(text: string): string {
  return text.replaceAll(FENCE, '');
}

/** The anchors of a page, as GitHub derives them from headings. */
export function anchorsOf(text: string): Set<string> {
  return new Set(
    [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

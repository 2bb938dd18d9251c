/** How tests run, whatever starts them. Milliseconds. */
export const settings = { timeout: 300_000, slow: 500 };

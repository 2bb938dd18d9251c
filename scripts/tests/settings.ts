/** How tests run, whatever starts them. Milliseconds. */
export const settings = { timeout: 60_000, slow: 500 };

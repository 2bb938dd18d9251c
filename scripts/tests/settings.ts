/** Time limit of a test, whatever starts it. Milliseconds. */
export const settings = { timeout: 300_000, slow: 500 };

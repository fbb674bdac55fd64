/** The thresholds and the words for them that all surfaces share, out of the page's data. */

/* global DATA */

/** @type {any} */
export const LEXICON = DATA.lexicon;

/** Undo and redo: states that were shown, and where among them the reader is. */

const MOST = 200;

/** @template T @param {T} first */
export const makeHistory = (first) => {
  let states = [first], place = 0;
  return {
    now: () => states[place],
    /** @param {T} state */
    push: (state) => {
      states = [...states.slice(Math.max(0, place + 2 - MOST), place + 1), state];
      place = states.length - 1;
      return state;
    },
    undo: () => states[(place = Math.max(0, place - 1))],
    redo: () => states[(place = Math.min(states.length - 1, place + 1))],
    canUndo: () => place > 0,
    canRedo: () => place < states.length - 1,
  };
};

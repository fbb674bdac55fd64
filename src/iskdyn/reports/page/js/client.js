/** Asking the model: in two workers where the browser allows it, else in the page itself. */

/* global DATA, MODEL */

/** @param {string[]} texts of the scripts that a worker needs, all of them checked by the page's policy */
const startWorkers = (texts) => {
  const address = URL.createObjectURL(new Blob(texts, { type: "text/javascript" }));
  const of = Math.min(2, navigator.hardwareConcurrency || 1), channel = new MessageChannel();
  const workers = Array.from({ length: of }, () => new Worker(address));
  workers.forEach((worker, which) => {
    worker.postMessage({ which, of }, of > 1 ? [which === 0 ? channel.port1 : channel.port2] : []);
  });
  URL.revokeObjectURL(address);
  return workers;
};

/** @returns {(request: import("./types.js").Request) => import("./types.js").Result} */
export const makeLocal = () => {
  const part = MODEL.makePart(DATA, MODEL.simulate, 0, 1), analysis = MODEL.makeAnalysis(DATA, 1);
  return (request) => analysis(request, [part.answer(request)]);
};

/**
 * One request runs at a time. `show` is for the charts: of those that wait, only the latest is run.
 * `ask` is for tables: each gets its answer, whenever the charts leave time.
 * @param {(request: import("./types.js").Request) => import("./types.js").Result} local
 */
export const makeClient = (local) => {
  /** @type {Worker[]} */
  let workers = [];
  /** @type {any} */
  let latest = null, running = null;
  /** @type {any[]} */
  const queue = [];
  let number = 0;

  const next = () => {
    if (running) return;
    running = latest ?? queue.shift() ?? null;
    if (running === latest) latest = null;
    if (!running) return;
    const id = ++number;
    running.id = id;
    if (workers.length) workers.forEach((worker) => worker.postMessage({ id, request: running.request }));
    else setTimeout(() => finish(id, local(running.request)), 0);
  };
  const finish = (/** @type {number} */ id, /** @type {any} */ result) => {
    if (!running || running.id !== id) return;
    const { done } = running;
    running = null;
    next();
    done(result);
  };
  const fallBack = () => {
    workers.forEach((worker) => worker.terminate());
    workers = [];
    if (!running) return;
    queue.unshift(running);
    running = null;
    next();
  };
  const start = (/** @type {string[]} */ texts) => {
    try {
      workers = startWorkers(texts);
      workers[0].onmessage = ({ data }) => finish(data.id, data.result);
      workers.forEach((worker) => { worker.onerror = (event) => { event.preventDefault(); fallBack(); }; });
    } catch {
      workers = [];
    }
    return workers.length;
  };
  return {
    start,
    show: (/** @type {any} */ request, /** @type {(result: any) => void} */ done) => { latest = { request, done }; next(); },
    ask: (/** @type {any} */ request) => new Promise((done) => { queue.push({ request, done }); next(); }),
  };
};

/** Has the process look many times a second after what it looks after every few minutes: loaded before all else. */
'use strict';

const minuteMs = 60_000;
const realSetInterval = globalThis.setInterval;

globalThis.setInterval = function (task, ms, ...args) {
  return realSetInterval(task, ms >= minuteMs ? 100 : ms, ...args);
};

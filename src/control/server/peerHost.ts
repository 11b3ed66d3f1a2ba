/** What runs a peer in this process. A bundle of its own: most verbs only talk to a peer, and need not load one. */
export { initGroup, joinGroup } from './groups.js';
export { serve } from './serve.js';

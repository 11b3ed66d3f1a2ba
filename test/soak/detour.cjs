/**
 * Loaded into every peer of the soak test before its own code: what it dials at 127.0.0.1 goes to the address of the
 * loopback where the switchboard of the test answers for it, at the same port. Peers tell each other where they
 * listen, so nothing but this keeps them from talking past the switchboard. They dial from that address as well: a
 * connection from 127.0.0.1 might take the port of a peer that is about to start again.
 */
'use strict';

const net = require('node:net');

const via = process.env.SOAK_VIA;
const { connect } = net.Socket.prototype;

if (via !== undefined) {
  net.Socket.prototype.connect = function (...args) {
    const [options] = args;
    const isDial = options?.host === '127.0.0.1';
    const detour = isDial ? { ...options, host: via, localAddress: via } : options;
    return Reflect.apply(connect, this, [detour, ...args.slice(1)]);
  };
}

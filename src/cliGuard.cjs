#!/usr/bin/env node
// Becomes dist/cli.js. In the oldest syntax there is, so that a Node too old for the program says so
// in one line instead of failing to parse it. `process.env.MINIMUM_NODE` is filled in by the build.
'use strict';

var minimum = process.env.MINIMUM_NODE;
var wanted = minimum.split('.').map(Number);
var running = process.versions.node.split('.').map(Number);
var older = running[0] < wanted[0] || (running[0] === wanted[0] && running[1] < wanted[1]);

if (older) {
  var problem = 'chunk-partitioner needs Node.js ' + minimum + ' or newer; this is ';
  process.stderr.write(problem + process.version + '.\n');
  process.exitCode = 1;
} else {
  require('./main.js');
}

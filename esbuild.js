// Builds dist/: `node esbuild.js` once, `node esbuild.js --watch` on every change.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');
const manifest = require('./package.json');

const dist = path.join(__dirname, 'dist');
const watch = process.argv.includes('--watch');
const minimumNode = /\d+\.\d+\.\d+/.exec(manifest.engines.node)[0];

/** What each file of dist/ may weigh at most, in KiB: growth is decided upon, not found out. */
const budget = {
  // All of it is read when the editor starts. QR codes are 11.
  'extension.js': 175,
  // Of these, 90 are zod and 60 vscode-jsonrpc: what comes over the control channel is checked, too.
  'control.js': 190,
  'cli.js': 2,
  // Of these, 37 complete what is typed in a shell.
  'main.js': 320,
  // Of these, 48 find peers on the local network: bonjour-service, and dns-packet, which knows every type of record.
  'peer.js': 800,
  'worker.js': 500,
  'peek.js': 16,
  'peek.css': 8,
  'map.js': 24,
  'map.css': 12,
  'kernel.wasm': 16,
};

const shared = {
  absWorkingDir: __dirname,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  minify: true,
  // The maps stay here for the debugger: .vscodeignore leaves them out of the package.
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
  mainFields: ['module', 'main'],
};

/** What is imported when it is needed is not read before: it is in a bundle of its own, `file`. */
function apart(filter, file) {
  return {
    name: `apart-${file}`,
    setup(build) {
      build.onResolve({ filter }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `./${file}`, external: true } : undefined,
      );
    },
  };
}

/**
 * All modules share one view of the editor's API. esbuild would make one for each of them, with a getter for each of hundreds
 * of names: that took most of the activation.
 */
const apiOnce = {
  name: 'api-once',
  setup(build) {
    const namespace = 'api-once';
    build.onResolve({ filter: /^vscode$/ }, ({ path: name, importer }) =>
      importer === name ? { path: name, external: true } : { path: name, namespace },
    );
    build.onLoad({ filter: /^vscode$/, namespace }, () => ({
      contents: "export * from 'vscode';",
      resolveDir: __dirname,
    }));
  },
};

const bundles = [
  {
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    plugins: [apiOnce, apart(/\/control\/attach\.js$/, 'control.js')],
  },
  { entryPoints: ['src/control/attach.ts'], outfile: 'dist/control.js' },
  // `vscode` is not external here: a leak of the editor into the terminal fails the build.
  {
    entryPoints: ['src/cli.ts'],
    outfile: 'dist/main.js',
    plugins: [apart(/\/control\/server\/peerHost\.js$/, 'peer.js')],
  },
  { entryPoints: ['src/control/server/peerHost.ts'], outfile: 'dist/peer.js' },
  { entryPoints: ['src/worker.ts'], outfile: 'dist/worker.js' },
  ...['map', 'peek'].map(pageBundle),
];

/** A page that the editor shows: a script, and what it imports as styles beside it. */
function pageBundle(name) {
  return {
    entryPoints: [`src/vscode/pages/${name}/main.ts`],
    outfile: `dist/${name}.js`,
    platform: 'browser',
    format: 'iife',
    target: 'chrome130',
  };
}

/** The file behind the command's name: checks the version of Node, then loads main.js. */
const guard = {
  entryPoints: ['src/cliGuard.cjs'],
  outfile: 'dist/cli.js',
  bundle: false,
  target: 'es5',
  sourcemap: false,
  define: { 'process.env.MINIMUM_NODE': JSON.stringify(minimumNode) },
};

/** The kernel's compile command is the script `build:kernel`: one place for its flags. */
function compileKernel() {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', 'build:kernel'], {
      cwd: __dirname,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the kernel did not compile (exit code ${String(code)})`));
    });
  });
}

/** The licences of everything that was bundled, as their authors ask for. */
function writeNotices(metafiles) {
  const packages = new Set();
  for (const input of metafiles.flatMap((metafile) => Object.keys(metafile.inputs))) {
    const at = input.lastIndexOf('node_modules/');
    if (at < 0) continue;
    const parts = input.slice(at + 'node_modules/'.length).split('/');
    const name = parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join('/');
    packages.add(input.slice(0, at) + 'node_modules/' + name);
  }
  const notices = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      fs.readFileSync(path.join(__dirname, folder, 'package.json'), 'utf8'),
    );
    const file = fs
      .readdirSync(path.join(__dirname, folder))
      .sort()
      .find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? fs.readFileSync(path.join(__dirname, folder, file), 'utf8').trim() : '';
    return `${name} ${version} (${license})\n\n${text}`;
  });
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  const intro = 'This product contains the following packages.';
  fs.writeFileSync(
    path.join(dist, 'THIRD_PARTY_NOTICES.txt'),
    [intro, ...notices].join(rule) + '\n',
  );
}

/** What an earlier build left is removed afterwards: peers may be running from here meanwhile. */
function removeStrays() {
  for (const file of fs.readdirSync(dist)) {
    if (!(file.replace(/\.map$/, '') in budget)) {
      fs.rmSync(path.join(dist, file), { recursive: true });
    }
  }
}

/** Prints what each file weighs; false when one is over its budget. */
function checkSizes() {
  let within = true;
  for (const [file, limit] of Object.entries(budget)) {
    const size = fs.statSync(path.join(dist, file)).size / 1024;
    const over = size > limit;
    within &&= !over;
    const verdict = over ? 'OVER BUDGET' : 'ok';
    console.log(
      `${file.padEnd(14)}${size.toFixed(1).padStart(8)} of ${String(limit).padStart(4)} KiB  ${verdict}`,
    );
  }
  return within;
}

async function buildOnce() {
  fs.mkdirSync(dist, { recursive: true });
  const [, , ...results] = await Promise.all([
    compileKernel(),
    esbuild.build({ ...shared, ...guard }),
    ...bundles.map((options) => esbuild.build({ ...shared, ...options })),
  ]);
  removeStrays();
  writeNotices(results.map((result) => result.metafile));
  return checkSizes();
}

async function buildOnChange() {
  fs.mkdirSync(dist, { recursive: true });
  await compileKernel();
  for (const options of [guard, ...bundles]) {
    const context = await esbuild.context({ ...shared, ...options, logLevel: 'info' });
    await context.watch();
  }
}

if (watch) {
  buildOnChange().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  buildOnce().then(
    (within) => {
      if (!within) process.exitCode = 1;
    },
    (error) => {
      console.error(`Build failed: ${error.message}`);
      process.exitCode = 1;
    },
  );
}

#!/usr/bin/env node
// Plain old JavaScript: it has to be understood by any Node, to say which one the program needs.
'use strict';
var path = require('path');
var fs = require('fs');
var NEEDED = 22;
var major = Number(process.versions.node.split('.')[0]);
var root = path.join(__dirname, '..', '..');

function main() {
  var entry = path.join(root, 'dist', 'cli.js');
  if (!fs.existsSync(entry)) {
    console.error('runbook is not built: ' + entry + ' is missing. Run "npm run build" in ' + root + '.');
    process.exit(2);
  }
  if (major >= NEEDED) {
    keepCompiled();
    import(require('url').pathToFileURL(entry).href);
    return;
  }
  var other = path.join(root, 'node_modules', 'node', 'bin', 'node');
  if (!fs.existsSync(other) || process.env.RUNBOOK_REEXECUTED) {
    console.error(
      'runbook needs Node ' +
        NEEDED +
        ' or newer; this is ' +
        process.version +
        ' (' +
        process.execPath +
        ').\n' +
        'Install a newer Node, or run "npm ci" in ' +
        root +
        ', which brings one along.',
    );
    process.exit(2);
  }
  var child = require('child_process').spawn(other, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: Object.assign({}, process.env, { RUNBOOK_REEXECUTED: '1' }),
  });
  // The terminal signals the whole foreground group: the child decides what they mean, this process only waits for it.
  ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'].forEach((signal) => {
    process.on(signal, () => {
      if (signal === 'SIGTERM') child.kill(signal);
    });
  });
  child.on('error', (error) => {
    console.error('runbook could not start ' + other + ': ' + error.message);
    process.exit(2);
  });
  child.on('exit', (status, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      return;
    }
    process.exit(status === null ? 1 : status);
  });
}

// Compiled code is kept between starts, which halves their time. In a private folder: what lies there is executed.
function keepCompiled() {
  var home = require('os').homedir();
  var caches =
    process.platform === 'darwin' ? path.join(home, 'Library', 'Caches') : process.env.XDG_CACHE_HOME || path.join(home, '.cache');
  // Where nothing can be written, nothing is kept; it does not throw.
  require('module').enableCompileCache(path.join(caches, 'runbook', 'compiled'));
}

main();

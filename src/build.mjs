import { build } from 'esbuild';

/** Bundles the program: one file for the screen and its commands, one for the runner, which has to start at once. */
const shared = {
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  sourcemap: 'linked',
  splitting: true,
  outdir: 'dist',
  chunkNames: 'parts/[name]-[hash]',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  // Some dependencies are CommonJS and ask for Node's modules with `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  // Native code stays in its package.
  external: ['@lydell/node-pty'],
  alias: { 'react-devtools-core': './src/bin/no-devtools.mjs' },
};

await build({ ...shared, entryPoints: { cli: 'src/cli.ts', runner: 'src/runner/main.ts' } });

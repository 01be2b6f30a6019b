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
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    // Ink's layout engine unpacks itself from its own file; through `fetch` that loads Node's whole HTTP client, 80 ms.
    fetch: 'undefined',
  },
  // Some dependencies are CommonJS and ask for Node's modules with `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  // Native code stays in its package; blessed finds parts of itself by path.
  external: ['@lydell/node-pty', 'blessed', 'blessed-contrib'],
  // What takes long to load and is never, or hardly ever, used.
  alias: {
    'react-devtools-core': './src/bin/no-devtools.mjs',
    'ajv/dist/2020.js': './src/bin/no-schema.mjs',
    'ajv-formats': './src/bin/no-schema.mjs',
    'string-width': './src/bin/quick-width.mjs',
  },
};

await build({ ...shared, entryPoints: { cli: 'src/cli.ts', runner: 'src/runner/main.ts' } });

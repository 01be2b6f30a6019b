// Loaded into every process of the soak: writes once a minute how much of the heap is in use once it is collected.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const folder = process.env.SOAK_HEAP;
if (folder !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const tell = () => {
    collect();
    try {
      writeFileSync(join(folder, String(process.pid)), String(process.memoryUsage().heapUsed));
    } catch {
      // The folder goes before the last process does.
    }
  };
  setInterval(tell, 60_000).unref();
}

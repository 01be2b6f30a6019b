import { startProgram } from '/work/main/test/bench/program-under-test.ts';
for (let i=0;i<5;i++){
const p = startProgram();
const s = p.session;
try {
  const sk = await s.answer('', t=>t.includes('╭'));
  const full = s.answer('', t=>t.includes('The job')||t.includes('Something'));
  const f = await full;
  const k = await s.answer('?', t=>t.includes('Keys')||t.includes('─'));
  console.log('first bytes', ((s.firstBytesAt()??0)-s.startedAt).toFixed(0), 'skeleton', (sk-s.startedAt).toFixed(0), 'full', (f-s.startedAt).toFixed(0), 'key', (k-s.startedAt).toFixed(0), s.bytes());
} catch(e) { console.log(String(e)); console.log(JSON.stringify(s.text())) }
await p.dispose();
}

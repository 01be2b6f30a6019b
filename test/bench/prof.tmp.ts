import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { startOnPty } from './pty-session.ts';
const home = mkdtempSync('/tmp/rbprof-');
const { CI: _, NO_COLOR: __, ...environment } = process.env;
const s = startOnPty([process.execPath, '--cpu-prof','--cpu-prof-interval','200','--cpu-prof-dir', home+'/prof','/work/main/src/bin/runbook.cjs','/work/main/test/bench/job.yaml'], { cwd: home, env: {...environment, RUNBOOK_HOME: home, COLORTERM:'truecolor'} });
const f = await s.answer('', t=>t.includes('Something'));
console.log('full', f - s.startedAt);
await s.answer('?', t=>t.includes('─'));
s.write('\x1b'); await new Promise(r=>setTimeout(r,300)); s.write('q'); await new Promise(r=>setTimeout(r,1500)); 
await s.end();
const file = readdirSync(home+'/prof')[0];
const p = JSON.parse(readFileSync(home+'/prof/'+file,'utf8'));
const byId = new Map(p.nodes.map((n:any)=>[n.id,n])); const parent=new Map(); for(const n of p.nodes) for(const c of n.children??[]) parent.set(c,n.id);
const self=new Map<string,number>(), incl=new Map<string,number>(); let total=0; 
for (let i=0;i<p.samples.length;i++){ const dt=p.timeDeltas[i]/1000; let id=p.samples[i]; const n:any=byId.get(id); const nm=(n:any)=>n.callFrame.functionName+' '+n.callFrame.url.split('/').slice(-2).join('/')+':'+n.callFrame.lineNumber+':'+n.callFrame.columnNumber; if(/idle/.test(n.callFrame.functionName)) continue; total+=dt; self.set(nm(n),(self.get(nm(n))??0)+dt); const seen=new Set(); while(id!==undefined){const n:any=byId.get(id); const k=nm(n); if(!seen.has(k)){seen.add(k); incl.set(k,(incl.get(k)??0)+dt);} id=parent.get(id)} }
console.log('total', total);
for (const [t,m] of [['SELF',self],['INCL',incl]] as const){ console.log(t); for(const [k,v] of [...m].sort((a,b)=>b[1]-a[1]).slice(0,t==='SELF'?25:60)) console.log(v.toFixed(1),k); }
rmSync(home,{recursive:true});

import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { writeFileSync } from 'node:fs';
import { MeasuringPage } from '../fixtures/measuring-page.ts';
import { Namespaces } from '../fixtures/namespaces.ts';
import { Host } from '../fixtures/host.ts';

const env = (name: string, fallback: string) => process.env[name] ?? fallback;
const codec = env('CODEC', 'vp9');
const engine = env('ENGINE', 'electron') as 'electron' | 'chromium';
const before = Number(env('BEFORE', '14'));
const squeezeS = Number(env('SQUEEZE', '20'));
const after = Number(env('AFTER', '12'));
const rate = env('RATE', '1mbit');
const loss = env('LOSS', '');
const size = env('SIZE', '1280x720').split('x').map(Number) as [number, number];
const TOKEN = 'viewer-token-0123456789';
const sleep = (s: number) => new Promise((r) => setTimeout(r, s * 1000));

const READER = `
const fs = require('fs');
const dev = process.argv[1];
const now = () => Number(process.hrtime.bigint() / 1000n);
setInterval(() => { console.log(JSON.stringify({ t: now(), tx: Number(fs.readFileSync('/sys/class/net/' + dev + '/statistics/tx_bytes', 'utf8')) })); }, 100);
(async () => {
  const { body } = await fetch('http://127.0.0.1:8080/events', { headers: { authorization: 'Bearer ${TOKEN}' } });
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (;;) {
      const end = text.indexOf('\\n\\n');
      if (end < 0) break;
      const event = text.slice(0, end); text = text.slice(end + 2);
      const m = /^event: stats\\ndata: (.*)$/m.exec(event);
      if (m) console.log(JSON.stringify({ t: now(), stats: JSON.parse(m[1]) }));
    }
  }
})();
`;

const namespaces = new Namespaces();
const nowUs = () => Number(process.hrtime.bigint() / 1000n);
let host: Host | undefined;
let page: MeasuringPage | undefined;
let reader: ReturnType<typeof spawn> | undefined;
try {
  const peer = namespaces.addPeer('viewer0');
  host = await Host.start({
    engine,
    namespace: namespaces.host,
    model: 'bench/source.py',
    args: ['--host', '0.0.0.0', '--port', '8080', '--token', TOKEN, '--codec', codec, '--encoder', env('ENCODER', 'auto')],
    env: { BENCH_WIDTH: String(size[0]), BENCH_HEIGHT: String(size[1]), BENCH_FPS: '30' },
  });
  const lines: any[] = [];
  reader = spawn('ip', ['netns', 'exec', namespaces.host, process.execPath, '-e', READER, peer.hostInterface], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: reader.stdout! }).on('line', (line) => { try { lines.push(JSON.parse(line)); } catch {} });
  page = await MeasuringPage.watch(namespaces, peer.namespace, { hostUrl: `http://${peer.hostAddress}:8080/`, token: TOKEN, source: { width: size[0], height: size[1] } });
  const tc = (...args: string[]) => execFileSync('ip', ['netns', 'exec', namespaces.host, 'tc', ...args]);
  await sleep(before);
  const offsets: { rtt: number; off: number }[] = [];
  for (let i = 0; i < 30; i++) {
    const a = nowUs(); const p = await page.page.evaluate(() => performance.now() * 1000); const b = nowUs();
    offsets.push({ rtt: b - a, off: (a + b) / 2 - p });
  }
  const off = offsets.sort((x, y) => x.rtt - y.rtt)[0]!;
  const t0 = nowUs(); const w0 = Date.now();
  if (loss) execFileSync('ip', ['netns', 'exec', namespaces.host, 'iptables', '-A', 'OUTPUT', '-p', 'udp', '-d', peer.address, '-m', 'statistic', '--mode', 'random', '--probability', loss, '-j', 'DROP']);
  else tc('qdisc', 'add', 'dev', peer.hostInterface, 'root', 'tbf', 'rate', rate, 'burst', process.env.BURST ?? '2kb', 'latency', '300ms');
  await sleep(squeezeS);
  const t1 = nowUs();
  if (loss) execFileSync('ip', ['netns', 'exec', namespaces.host, 'iptables', '-F', 'OUTPUT']);
  else tc('qdisc', 'del', 'dev', peer.hostInterface, 'root');
  await sleep(after);
  const seen = await page.page.evaluate(() => (window as any).benchViewer.seen());
  const pics = seen.pictures.map((p: any) => ({ t: p.seenUs + off.off, lat: p.timeUs === null ? null : (p.seenUs + off.off - p.timeUs) / 1000, w: p.width, h: p.height, i: p.index }));
  writeFileSync('/tmp/sq-last.json', JSON.stringify({ t0, t1, pics, lines }));
  const pct = (v: number[], p: number) => v.length ? v.sort((a, b) => a - b)[Math.min(v.length - 1, Math.floor(v.length * p))]! : NaN;
  const win = (a: number, b: number) => pics.filter((p: any) => p.t >= a && p.t < b);
  const tx = lines.filter((l) => l.tx !== undefined);
  const kbps = (a: number, b: number) => { const w = tx.filter((l) => l.t >= a && l.t <= b); if (w.length < 2) return NaN; return ((w.at(-1).tx - w[0].tx) * 8000) / (w.at(-1).t - w[0].t); };
  if (!process.env.QUIET) for (let s = -2; s < squeezeS + after; s += 1) {
    const parts = (s >= -1 && s < 4) || (s >= squeezeS - 1 && s < squeezeS + 4) ? [0, 0.2, 0.4, 0.6, 0.8] : [0];
    for (const part of parts) {
      const len = parts.length > 1 ? 0.2 : 1;
      const a = t0 + (s + part) * 1e6, b = a + len * 1e6;
      const w = win(a, b); const lats = w.map((p: any) => p.lat).filter((x: any) => x !== null);
      const st = lines.filter((l) => l.stats && l.t >= a && l.t < b).at(-1)?.stats;
      const v = st?.viewers[0]; const sd = v?.senders[0]; const e = st?.shared_encoders?.[0];
      console.log(`${(s + part).toFixed(1).padStart(5)} fps ${(w.length / len).toFixed(0).padStart(3)} lat ${pct(lats, .5).toFixed(0).padStart(5)}/${pct(lats, .95).toFixed(0).padStart(5)} ${w.at(-1)?.w ?? '-'}x${w.at(-1)?.h ?? '-'} tx ${kbps(a, b).toFixed(0).padStart(6)}` + (st ? ` | est ${(v?.available_outgoing_bitrate_bps / 1000).toFixed(0)} set ${(e?.target_bitrate_bps / 1000).toFixed(0)} ${e?.width}x${e?.height} keys ${e?.key_frames} skip ${e?.skipped} drop ${e?.dropped} | rtx ${sd?.retransmitted_packets} nack ${sd?.nack_count} pli ${sd?.pli_count} load ${st.load_scale} out ${(sd?.bitrate_bps/1000).toFixed(0)} enc ${(e?.bitrate_bps/1000).toFixed(0)}@${e?.fps?.toFixed(0)} rtt ${v?.round_trip_time_ms} lostp ${sd?.packets_lost} ${sd?.sharing ? `wait ${JSON.stringify(sd.sharing.waiting)} lost ${sd.sharing.stand_ins_lost} rst ${sd.sharing.restarts}` : ''}` : ''));
    }
  }
  if (process.env.INB) for (const s of seen.stats) console.log(((s.seenUs + off.off - t0)/1e6).toFixed(1), 'bytes', s.bytesReceived, 'pk', s.packetsReceived, 'rtxpk', s.retransmittedPacketsReceived, 'rtxB', s.rtxBytes, 'dec', s.framesDecoded, 'nack', s.nackCount, 'pli', s.pliCount, 'lost', s.packetsLost);
  if (process.env.EST) for (const l of host.lines) { const m = /(SQ|the link) .*/.exec(String(l.msg)); const dt = Number(l.time) - w0; if (m && dt > -9000 && dt < Number(process.env.EST)) console.log(dt, m[0]); }
  const gapsIn = (a: number, b: number) => { const w = win(a - 1e6, b); let g = 0; for (let i = 1; i < w.length; i++) if (w[i].t > a) g = Math.max(g, (w[i].t - w[i - 1].t) / 1000); return g; };
  const beforeKbps = kbps(t0 - 5e6, t0);
  let back = NaN;
  for (let s = 0; s <= after - 1; s += 0.1) if (kbps(t1 + s * 1e6, t1 + (s + 1) * 1e6) >= 0.8 * beforeKbps) { back = s + 1; break; }
  const settled = win(t1 - 10e6, t1).map((p: any) => p.lat).filter((x: any) => x !== null);
  const sq = win(t0, t1);
  const keysEnd = lines.filter((l) => l.stats).at(-1)?.stats;
  console.log(`RESULT ${engine} ${codec} before ${beforeKbps.toFixed(0)} kbps | gap ${gapsIn(t0, t1).toFixed(0)} ms | gap after lift ${gapsIn(t1, t1 + after * 1e6).toFixed(0)} | p50/p95 last10 ${pct(settled, .5).toFixed(0)}/${pct(settled, .95).toFixed(0)} | fps in squeeze ${(sq.length / squeezeS).toFixed(1)}, last10 ${(win(t1 - 10e6, t1).length / 10).toFixed(1)} ${sq.at(-1)?.w}x${sq.at(-1)?.h} ${kbps(t1 - 10e6, t1).toFixed(0)} kbps | back80 ${back.toFixed(1)} s | clock err ${off.rtt / 2}us`);
} finally {
  reader?.kill();
  await page?.close();
  await host?.kill();
  namespaces.remove();
}
process.exit(0);

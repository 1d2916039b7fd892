// Judges a repository with tuf-js.
//
// Usage: node judge.js ROOT BASE STATE TARGET..., see ../README.md.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Updater } = require('tuf-js');

async function judge(root, base, state, targets) {
  const metadataDir = path.join(state, 'metadata');
  const targetDir = path.join(state, 'targets');
  fs.mkdirSync(metadataDir, { recursive: true });
  fs.mkdirSync(targetDir, { recursive: true });
  // tuf-js trusts the root.json in its folder, and keeps the newest one there.
  const trusted = path.join(metadataDir, 'root.json');
  if (!fs.existsSync(trusted)) fs.copyFileSync(root, trusted);
  const updater = new Updater({
    metadataDir,
    metadataBaseUrl: `${base}/metadata`,
    targetDir,
    targetBaseUrl: `${base}/targets`,
    config: { fetchRetry: 0 },
  });
  await updater.refresh();
  for (const name of targets) {
    const info = await updater.getTargetInfo(name);
    if (!info) throw new Error(`no target ${name}`);
    await updater.downloadTarget(info);
  }
}

const [root, base, state, ...targets] = process.argv.slice(2);
judge(root, base, state, targets).then(
  () => console.log('ACCEPT'),
  (e) => console.log('REJECT:', `${e.name}: ${e.message}`.replace(/\s+/g, ' ')),
);

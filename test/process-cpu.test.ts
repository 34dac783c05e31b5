import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ProcessCpu } from '../dist/runners/machine/process-cpu.js';

/** Elsewhere no process tells what another uses. */
const onLinux = existsSync('/proc/self/stat');

function burn(cpuMs: number): void {
  const from = process.cpuUsage();
  for (let used = 0; used < cpuMs * 1000; ) {
    const { user, system } = process.cpuUsage(from);
    used = user + system;
  }
}

describe('the CPU time of a process', () => {
  it.runIf(onLinux)('grows by what all its threads use', () => {
    const cpu = new ProcessCpu(process.pid);
    expect(cpu.source).not.toBe('none');
    const beforeUs = cpu.readUs();
    burn(200);
    const usedUs = cpu.readUs() - beforeUs;
    const byThreadUs = [...cpu.readByThreadUs().values()];
    cpu.close();
    expect(usedUs).toBeGreaterThan(150_000);
    expect(usedUs).toBeLessThan(400_000);
    // This is the only one that works.
    expect(Math.max(...byThreadUs)).toBeGreaterThan(150_000);
    expect(byThreadUs.reduce((sum, us) => sum + us, 0)).toBeGreaterThanOrEqual(usedUs);
  });

  it.runIf(onLinux)('stays what it was when the process has ended', async () => {
    const child = spawn(process.execPath, ['-e', "process.stdin.on('data', () => process.exit())"], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    let cpu = new ProcessCpu(child.pid!);
    while (cpu.source === 'none') cpu = new ProcessCpu(child.pid!);
    const alive = cpu.readUs();
    child.stdin.end('go');
    await once(child, 'exit');
    expect(cpu.readUs()).toBeGreaterThanOrEqual(alive);
    expect(cpu.readUs()).toBe(cpu.readUs());
    cpu.close();
  });

  it('is nothing, and said to be unknown, where nobody tells it', () => {
    const cpu = new ProcessCpu(2 ** 30);
    expect(cpu.source).toBe('none');
    expect(cpu.readUs()).toBe(0);
    cpu.close();
  });
});

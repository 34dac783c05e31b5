import { describe, expect, it } from 'vitest';
import { SpinTimerSlots } from '../dist/runners/load/spin-timer.js';
import { VirtualTime } from './virtual-world.js';

describe('two that share a timer', () => {
  it('are each called at the time that they asked for, whoever asked first', () => {
    const time = new VirtualTime();
    const slots = new SpinTimerSlots(time, time);
    const [a, b] = [slots.slot(), slots.slot()];
    const startUs = time.nowUs();
    const calls: string[] = [];
    const note = (name: string) => () => void calls.push(`${name} ${time.nowUs() - startUs}`);
    a.at(startUs + 300, note('a'));
    b.at(startUs + 100, () => {
      note('b')();
      b.at(startUs + 200, note('b'));
    });
    time.run(startUs + 1_000);
    expect(calls).toEqual(['b 100', 'b 200', 'a 300']);
  });

  it('are both called when both are due at once, and what is asked for again is not forgotten', () => {
    const time = new VirtualTime();
    const slots = new SpinTimerSlots(time, time);
    const [a, b] = [slots.slot(), slots.slot()];
    const atUs = time.nowUs() + 50;
    const calls: string[] = [];
    a.at(atUs, () => {
      calls.push('a');
      a.at(atUs, () => calls.push('a again'));
    });
    b.at(atUs, () => calls.push('b'));
    time.run(atUs);
    expect(calls).toEqual(['a', 'b', 'a again']);
  });

  it('replace their own requests only', () => {
    const time = new VirtualTime();
    const slots = new SpinTimerSlots(time, time);
    const [a, b] = [slots.slot(), slots.slot()];
    const startUs = time.nowUs();
    const calls: string[] = [];
    a.at(startUs + 10, () => calls.push('forgotten'));
    b.at(startUs + 20, () => calls.push('b'));
    a.at(startUs + 30, () => calls.push('a'));
    time.run(startUs + 1_000);
    expect(calls).toEqual(['b', 'a']);
  });
});

/** What must fit into the phases of a trial: a storm, an outage, a time-out, the numbers of all messages. */

import { isPushed, isSilent, isStorm, uses } from '../kind.js';
import { maxSequence } from '../message.js';
import { writeDuration, writeRate } from '../units.js';
import { defaultAckTimeoutMs } from '../workload/optional-fields.js';
import { defaultPublishers } from '../workload/required-fields.js';
import { type SoundFields, type Violation, violation } from './schema.js';
import { fewest, most, sweptValues } from './sweep.js';

export function phaseViolations(file: SoundFields): Violation[] {
  return [...stormTooLong(file), ...outageTooLate(file), ...acknowledgedTooLate(file), ...sequenceOverflows(file)];
}

/** Kind connect opens its connections while it is measured, and must be able to open all of them. */
function stormTooLong(file: SoundFields): Violation[] {
  const { kind, phases, load } = file;
  const connections = most(sweptValues(file, 'connections'));
  const rate = fewest(sweptValues(file, 'rate'));
  if (kind === undefined || !isStorm(kind) || !phases || !connections || !rate) return [];
  const isRandom = load?.model === 'open' && load.arrivals === 'poisson';
  const openings = isRandom ? mostArrivals(connections.value) : connections.value;
  const neededMs = Math.ceil((openings * 1000) / rate.value);
  const givenMs = phases.warmup + phases.measure;
  if (neededMs <= givenMs) return [];
  const message =
    `opening ${count(connections.value, 'connection')} at ${writeRate(rate.value)} takes ${isRandom ? 'up to ' : ''}${writeDuration(neededMs)}, and ` +
    `warm-up and measurement last ${writeDuration(givenMs)}; raise the rate, ask for fewer connections or lengthen phases.measure`;
  return [violation(message, rate.path, connections.path, 'phases.measure', 'phases.warmup')];
}

function outageTooLate({ outage, phases }: SoundFields): Violation[] {
  if (!outage || !phases || outage.after < phases.measure) return [];
  const message =
    `must lie within the measured window, and ${writeDuration(outage.after)} is not before its end at ` +
    `${writeDuration(phases.measure)}; write less, or lengthen phases.measure`;
  return [violation(message, 'outage.after', 'phases.measure')];
}

/** What times out must be known at the end. */
function acknowledgedTooLate(file: SoundFields): Violation[] {
  const { kind, ack, phases } = file;
  if (!kind || !uses(kind, 'ack') || !('ack' in file) || !phases) return [];
  const timeoutMs = ack?.timeout ?? defaultAckTimeoutMs;
  if (timeoutMs <= phases.drain) return [];
  const message =
    `an acknowledgement is waited for ${writeDuration(timeoutMs)} (ack.timeout), which the drain of ` +
    `${writeDuration(phases.drain)} cuts short; lengthen phases.drain or shorten ack.timeout`;
  if (ack === undefined) return [violation(message, 'phases.drain', 'ack.timeout')];
  return [violation(message, 'ack.timeout', 'phases.drain')];
}

/** A header numbers each sender's messages with 30 bits; a closed loop has no rate from which to foresee the count. */
function sequenceOverflows(file: SoundFields): Violation[] {
  const { kind, phases } = file;
  const connections = fewest(sweptValues(file, 'connections'));
  const publishers = fewest(sweptValues(file, 'publishers'));
  // An absent `publishers` key means the default, a wrong one means that the number of senders is unknown.
  if (!kind || !phases || !connections || !('publishers' in file)) return [];
  if (isStorm(kind) || isSilent(kind)) return [];
  const isServer = isPushed(kind);
  const senders = isServer ? 1 : (publishers?.value ?? defaultPublishers(kind, connections.value));
  const milliseconds = phases.warmup + phases.measure;
  const remedy = `lower the rate${isServer ? ' or shorten the phases' : ', shorten the phases or add publishers'}`;
  return sweptValues(file, 'rate')
    .filter(({ value }) => mostArrivals((value / senders) * (milliseconds / 1000)) > maxSequence)
    .map(({ value, path }) => {
      const message =
        `${writeRate(value)} by ${isServer ? 'the server' : count(senders, 'publisher')} for ${writeDuration(milliseconds)} ` +
        `is more than the ${maxSequence} messages that one sender can number; ${remedy}`;
      const counted = [publishers?.path ?? 'publishers', connections.path];
      return violation(message, path, 'phases.measure', 'phases.warmup', ...counted);
    });
}

/** Random arrivals may exceed their mean; ten standard deviations are never seen. */
export function mostArrivals(mean: number): number {
  return Math.ceil(mean + 10 * Math.sqrt(mean));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

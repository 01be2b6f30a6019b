import { hasCode } from './durable-file.ts';

/** What is short is the system's or this process's own: it says nothing of the file that was to be read. */
const WANTS = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'];
/** A file system that may answer the next time, as one on a network does. */
const TROUBLES = ['EIO', 'EINTR', 'EBUSY', 'ETIMEDOUT', 'ESTALE'];

/** Whether something could not be asked for want of means; it can as soon as there are some again. */
export function isWant(error: unknown): boolean {
  return WANTS.some((code) => hasCode(error, code));
}

/** Whether the same question may well be answered a moment later. */
export function mayPass(error: unknown): boolean {
  return isWant(error) || TROUBLES.some((code) => hasCode(error, code));
}

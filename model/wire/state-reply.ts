/** The 64-bit reply to SET_DEVICE_STATE_FD. */

const ERROR = 0xffn;
const NO_FD = 0x100n;

/** Error in bits 0 to 7 (0 is success); bit 8 set when no descriptor comes with the reply. @param error 0 to 255. */
export function stateReply(error: number, noFd: boolean): bigint {
  return (BigInt(error) & ERROR) | (noFd ? NO_FD : 0n);
}

/** The parts of it; `high` holds bits 9 to 63, in their places. */
export function decodeStateReply(value: bigint): { error: number; noFd: boolean; high: bigint } {
  return { error: Number(value & ERROR), noFd: (value & NO_FD) !== 0n, high: value & ~(ERROR | NO_FD) };
}

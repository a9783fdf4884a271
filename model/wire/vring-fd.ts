/** The 64-bit payload of SET_VRING_KICK, SET_VRING_CALL and SET_VRING_ERR. */

const INDEX = 0xffn;
const NO_FD = 0x100n;

/** Ring index in bits 0 to 7; bit 8 set when no descriptor comes with the message. @param index 0 to 255. */
export function vringFd(index: number, noFd: boolean): bigint {
  return (BigInt(index) & INDEX) | (noFd ? NO_FD : 0n);
}

/** The parts of it; `high` holds bits 9 to 63, in their places. */
export function decodeVringFd(value: bigint): { index: number; noFd: boolean; high: bigint } {
  return { index: Number(value & INDEX), noFd: (value & NO_FD) !== 0n, high: value & ~(INDEX | NO_FD) };
}

// Doing again what may be done twice without harm, while the server is away for a moment.

const TRIES = 5;
const SERVER_AWAY = [500, 502, 503, 504];

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const passing = ({ code, status }) =>
  SERVER_AWAY.includes(status) || ["server_unreachable", "upload_part_refused"].includes(code);

// The result of `work`, tried up to five times over about eight seconds.
export async function patiently(work) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!passing(error) || attempt === TRIES) throw error;
      await pause(250 * 2 ** attempt);
    }
  }
}

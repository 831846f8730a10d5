// Which files a policy lets through, judged by name and by what the browser takes them for. The server judges again.

const among = (type, types) => types.includes(type) || types.includes(`${type.split("/")[0]}/*`);

// Whether a file is refused, so far as can be told before a byte of it was read.
export function refused({ name, type }, policy) {
  const ending = name.includes(".") ? `.${name.split(".").at(-1).toLowerCase()}` : "";
  if (policy.endings_refused.includes(ending) || (type && among(type, policy.types_refused))) return true;
  if (!policy.types_allowed.length || !type) return false;
  return !policy.endings_allowed.includes(ending) && !among(type, policy.types_allowed);
}

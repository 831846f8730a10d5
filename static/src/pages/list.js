// Inbox and outbox: what arrives shows by itself.

const EVERY = 10_000;

export function listStart(page, { reload }) {
  const timer = setInterval(() => {
    if (!document.hidden) reload({ changedOnly: true });
  }, EVERY);
  return () => clearInterval(timer);
}

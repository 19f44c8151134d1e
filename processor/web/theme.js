// Before anything is drawn: dark, light, or as the system has it. A classic script, so that no page flashes.
// @ts-check
try {
  document.documentElement.dataset.theme = localStorage.getItem('skep.theme') ?? 'auto';
} catch {
  document.documentElement.dataset.theme = 'auto';
}

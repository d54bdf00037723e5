// Loaded before the first paint: a theme chosen by hand wins over the system's. Django admin shares the key, and knows "auto" too.
try {
  const saved = localStorage.getItem("theme");
  if (saved === "light" || saved === "dark") document.documentElement.dataset.theme = saved;
} catch { /* storage is closed: the system's theme stays */ }

// Another extension, which speaks with the one that observes.
addEventListener("message", ({ data }) => {
  if (!data.speak) return;
  const { runtime } = globalThis.browser ?? globalThis.chrome;
  const port = runtime.connect(data.speak, { name: "from another extension" });
  port.onDisconnect.addListener(() => void runtime.lastError);
  runtime.sendMessage(data.speak, "from another extension", () => void runtime.lastError);
});

var entry = { manifest: chrome.runtime.getManifest(), stack: new Error("first line").stack }, listening = chrome.runtime.onConnect.hasListeners();
importScripts("first.js", "observe.js", "background.js");

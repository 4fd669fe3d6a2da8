observer.log.push(`module ${import.meta.url} ${document.currentScript} ${new Error("in a module").stack}`);

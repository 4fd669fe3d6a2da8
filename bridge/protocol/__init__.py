"""What goes over the wire, as pure data: frames, lines and message values. No I/O."""

"""Sound: decode it, judge it, bring it to the telephone. No network, no database.

In the order in which a recording passes:

- what it is: `opening`, `sniff`, `identify` and the walks (`mpeg`, `riff`, `chunks`,
  `streams` …), `extent` and `whole`: how much of it there is
- its samples: `decode`, by `sndfile` and `m4a`
- one pass over the source (`gather`): `clipping`, `dropout`, `downmix`, `resample`
- one over the 8 kHz signal (`prepare`): `highpass`, and `measure` feeding `level`,
  `silence`, `spectrum`, `hum`
- what it means: `measurements` → `rules` (`file_rules`, `sound_rules`, each a row of
  `rule`) by `limits` → `finding`
- what is made of it: `master` decides; `trim`, `compressor`, `limiter` do it
- what goes out: `gate`, `encode`, `g711`, `artefact`; `compare` and `picture` look at
  it

Shared: `signal`, `units`, `runs`, `slide`, `scratch`. The numbers: docs/sound.md.
"""

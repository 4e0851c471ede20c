import fc from 'fast-check'

// One seed, so that a red run is the change's own; `SEED=$RANDOM npm test` looks further.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 20_261_120) })

// Labs wait for timers and handshakes more than they compute: with as many at once as there are processors, these would be idle half of the time.
[assembly: LevelOfParallelism(4)]

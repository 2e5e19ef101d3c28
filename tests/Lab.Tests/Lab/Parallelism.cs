// Labs wait for timers and handshakes more than they compute: with as many at once as there are processors, these would be idle for much of the time; with many more, what is timed waits for them.
[assembly: LevelOfParallelism(3)]

@echo off
rem The launcher runs in the Electron of this package as in a plain Node.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\reactor-host.exe" "%~dp0..\resources\app.asar\dist\main\cli.cjs" %*
exit /b %ERRORLEVEL%

# The images of both hosts:
#   docker build --target gateway --tag orrery/gateway:0.1.0 .
#   docker build --target silo --tag orrery/silo:0.1.0 .

# On the machine that builds, for whichever it is built for.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /source
# What decides which packages there are, and nothing else: a change of the code restores none of them again.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt ./
COPY src/Gateway/Gateway.csproj src/Gateway/
COPY src/Grains/Grains.csproj src/Grains/
COPY src/Kubernetes/Kubernetes.csproj src/Kubernetes/
COPY src/Operations/Operations.csproj src/Operations/
COPY src/Rpc/Rpc.csproj src/Rpc/
COPY src/Silo/Silo.csproj src/Silo/
ARG TARGETARCH
RUN dotnet restore src/Gateway --arch $TARGETARCH && dotnet restore src/Silo --arch $TARGETARCH
COPY .editorconfig ./
COPY db/schema.sql db/
COPY src/ src/
ARG VERSION=0.1.0
RUN dotnet publish src/Gateway --no-restore --arch $TARGETARCH --configuration Release --output /out/gateway -p:Version=$VERSION -p:UseAppHost=false \
 && dotnet publish src/Silo --no-restore --arch $TARGETARCH --configuration Release --output /out/silo -p:Version=$VERSION -p:UseAppHost=false

# No shell, no package manager, and a user who is not root. Nothing is written but to /tmp.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS base
WORKDIR /app
# Each host says itself where it listens, and the port that the image names would only be overridden, with a warning.
ENV ASPNETCORE_HTTP_PORTS= \
    DOTNET_EnableDiagnostics_Debugger=0 \
    DOTNET_EnableDiagnostics_Profiler=0
USER $APP_UID
EXPOSE 8081 11111 30000
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.vendor="The Orrery authors" \
      org.opencontainers.image.version="$VERSION"

FROM base AS gateway
LABEL org.opencontainers.image.title="orrery/gateway" \
      org.opencontainers.image.description="A node of Orrery that serves JSON-RPC 2.0 over HTTP."
COPY --from=build /out/gateway ./
EXPOSE 8080 8443
ENTRYPOINT ["dotnet", "Orrery.Gateway.dll"]

# Services of one's own go on top: FROM orrery/silo:0.1.0, and COPY a folder to /services.
FROM base AS silo
LABEL org.opencontainers.image.title="orrery/silo" \
      org.opencontainers.image.description="A node of Orrery that hosts services."
COPY --from=build /out/silo ./
ENTRYPOINT ["dotnet", "Orrery.Silo.dll"]
